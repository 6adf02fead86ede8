package fedllm.trainers.causallm;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.objective.Objective;
import org.osgi.service.component.annotations.Component;

/**
 * The mean cross-entropy of each token given those before it: {@code -1/n Σ log p(label)}.
 *
 * <p>Some rows at a time, so that the logits of a batch never stand in memory at once: their
 * gradient {@code (softmax - onehot) / n} is known, and goes back into {@code hidden} as {@code g}.
 */
@Component
@Plugin(name = "causal-lm", does = "foretells each token from those before it")
public final class CausalLm implements Objective {

  private static final String LOSS =
      """
          h = torch.reshape(hidden, [-1, torch.size(hidden, -1)])
          fixed = torch.detach(h)
          target = torch.reshape(labels, [-1])
          counted = torch.ne(target, -100)
          n = torch.to(torch.clamp_min(torch.sum(counted), 1), 6)
          total = torch.zeros([1], dtype=7)
          g = torch.empty_like(fixed)
          i = 0
          while torch.lt(i, torch.size(fixed, 0)):
            c = torch.to(torch.slice(counted, 0, i, i + 256), 6)
            t = torch.unsqueeze(torch.clamp_min(torch.slice(target, 0, i, i + 256), 0), 1)
            p = torch.log_softmax(torch.linear(torch.slice(fixed, 0, i, i + 256), head), 1)
            _0 = torch.sub_(total, torch.sum(torch.squeeze(torch.gather(p, 1, t), 1) * c))
            _1 = torch.exp_(p)
            _2 = torch.scatter_add_(p, 1, t, torch.full_like(torch.to(t, 6), -1.))
            _3 = torch.mul_(p, torch.unsqueeze(torch.div(c, n), 1))
            _4 = torch.copy_(torch.slice(g, 0, i, i + 256), torch.matmul(p, head))
            i = i + 256
          s = torch.sum(h * g)
          return s - torch.detach(s) + torch.squeeze(torch.to(torch.div(total, n), 6))
      """;

  @Override
  public String loss(Options options) {
    return LOSS;
  }
}
