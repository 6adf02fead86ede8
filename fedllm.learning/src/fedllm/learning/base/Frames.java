package fedllm.learning.base;

import fedllm.learning.model.Architecture;

/**
 * The TorchScript of a batch's frame: positions, and masks where the fast attention without one
 * would let a position see what it must not.
 */
final class Frames {

  private static final String METHOD =
      """
        def places(self: __torch__.K, positions: Tensor, lengths: Tensor) -> List[Tensor]:
      PLACES  def frame(self: __torch__.K, b: List[Tensor]) -> List[Tensor]:
          ids = b[0]
          segments = b[1]
          first = int(torch.item(b[3]))
          to = first + torch.size(ids, 1)
          rows = torch.arange(first, to, device=ops.prim.device(ids))
          columns = torch.arange(to, device=ops.prim.device(ids))
          none = torch.new_zeros(ids, [0], dtype=11)
          full = none
          close = none
          positions = torch.unsqueeze(rows, 0)
          lengths = torch.full_like(positions, to)
          if torch.gt(torch.numel(segments), 0):
            mine = torch.unsqueeze(torch.slice(segments, 1, first, to), 2)
            same = torch.eq(mine, torch.unsqueeze(torch.slice(segments, 1, 0, to), 1))
            before = torch.le(torch.unsqueeze(columns, 0), torch.unsqueeze(rows, 1))
            seen = torch.logical_and(same, before)
            positions = torch.sum(torch.to(seen, 4), [2]) - 1
            lengths = LENGTHS
            full = torch.unsqueeze(SEEN, 1)
            close = full
          else:
            if torch.gt(first, 0):
              if torch.gt(torch.size(ids, 1), 1):
                before = torch.le(torch.unsqueeze(columns, 0), torch.unsqueeze(rows, 1))
                full = UNPACKED
                close = full
          if torch.gt(WINDOW, 0):
            if torch.gt(to, WINDOW):
              near = torch.gt(torch.unsqueeze(columns, 0), torch.unsqueeze(rows, 1) - WINDOW)
              if torch.gt(torch.numel(full), 0):
                close = torch.logical_and(full, near)
              else:
                before = torch.le(torch.unsqueeze(columns, 0), torch.unsqueeze(rows, 1))
                close = torch.unsqueeze(torch.unsqueeze(torch.logical_and(before, near), 0), 0)
          return torch.add([ids, positions, full, close, b[3], b[2], segments], (self).places(positions, lengths))
      """;

  private Frames() {}

  static String method(Architecture model) {
    boolean causal = model.causal();
    return METHOD
        .replace("PLACES", model.frame())
        .replace(
            "LENGTHS",
            model.rereads(1, Integer.MAX_VALUE) ? "torch.sum(torch.to(same, 4), [2])" : "lengths")
        .replace("SEEN", causal ? "seen" : "same")
        .replace("UNPACKED", causal ? "torch.unsqueeze(torch.unsqueeze(before, 0), 0)" : "none")
        .replace("WINDOW", Integer.toString(model.window()));
  }
}
