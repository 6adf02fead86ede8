package fedllm.runtime.data;

import fedllm.api.data.Example;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * The examples of a file whose texts have the smallest hashes: a sample that no order of the file
 * moves, where the first lines of a sorted file would all be of one kind.
 *
 * @param largest the last hash that is in
 */
record Sample(long largest) {

  /** So many of these; all of them where there are not more. */
  static Sample of(Stream<TextHash> hashes, long count) {
    PriorityQueue<Long> smallest =
        new PriorityQueue<>((a, b) -> Long.compareUnsigned(b, a)); // the largest on top
    hashes.forEach(
        hash -> {
          smallest.add(hash.low());
          if (smallest.size() > count) {
            smallest.remove();
          }
        });
    return new Sample(smallest.size() < count ? -1 : smallest.peek());
  }

  /** Whether an example is in. A held-out share is cut by other bits of the hash. */
  boolean has(Example example) {
    return Long.compareUnsigned(TextHash.of(example).low(), largest) <= 0;
  }
}
