package fedllm.cli;

import fedllm.cli.bundle.KeyFile;
import fedllm.runtime.bundle.PluginBundle;
import fedllm.runtime.bundle.Seal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "sign", description = "Sign plugins' bundles: writes JAR.sig beside each.")
final class SignCommand implements Callable<Integer> {

  @Parameters(paramLabel = "JAR", arity = "1..*", description = "Bundles.")
  private List<Path> jars;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      required = true,
      description = "The private key, made by fedllm keys or openssl.")
  private Path key;

  @Override
  public Integer call() throws IOException {
    PrivateKey with = KeyFile.read(key);
    for (Path jar : jars) {
      PluginBundle bundle = Jar.readUnsigned(jar);
      Path seal = Seal.beside(jar);
      Files.writeString(seal, Seal.of(with, bundle.bytes()).line() + "\n");
      System.out.println(seal + ": " + bundle.identity() + " signed");
    }
    return 0;
  }
}
