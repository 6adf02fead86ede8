package fedllm.runtime.data;

import fedllm.api.error.Refused;
import java.util.List;

/**
 * What a silo calls one of its data sets, and the files that it is made of, one after the other.
 *
 * @param name what a job calls it
 * @param files at least one
 */
public record DataSpec(String name, List<FileSpec> files) {

  public DataSpec {
    files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new Refused("the data " + name + " is made of no file");
    }
  }
}
