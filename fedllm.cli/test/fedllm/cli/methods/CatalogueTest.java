package fedllm.cli.methods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Range;
import fedllm.api.run.OptionView;
import fedllm.api.run.PluginView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogueTest {

  /** Options of the plugin in the test's jar. */
  @interface Config {
    /** Share. */
    @Range(above = 0, max = 1)
    double share() default 0.01;

    /** Way. */
    @OneOf({"fast", "slow"})
    String way() default "fast";
  }

  private static final String COMPONENT =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="x.TopK">
        <property name="plugin.name" type="String" value="topk"/>
        <property name="plugin.does" type="String" value="sends the largest | drops the rest"/>
        <property name="plugin.paper" type="String" value="arXiv:1704.05021"/>
        <property name="plugin.options" type="String" value="%s"/>
        <property name="plugin.is" type="String">LINEAR
      STATEFUL</property>
        <service><provide interface="fedllm.api.codec.Codec"/></service>
      </scr:component>
      """
          .formatted(Config.class.getName());

  @TempDir private Path folder;
  private List<PluginView> plugins;

  @BeforeEach
  void read() throws IOException {
    Path plugin = jar("x.jar", true, Map.of("OSGI-INF/x.TopK.xml", COMPONENT));
    Path library = jar("y.jar", false, Map.of());
    plugins = Catalogue.of(List.of(library, plugin), List.of());
  }

  @Test
  void readsWhatAPluginSaysOfItself() {
    assertEquals(1, plugins.size());
    PluginView plugin = plugins.get(0);
    assertEquals("codec", plugin.kind());
    assertEquals("topk", plugin.name());
    assertEquals("0.3.0", plugin.version());
    assertEquals(List.of("LINEAR", "STATEFUL"), plugin.is());
    assertEquals(
        List.of(
            new OptionView("share", "number", "0.01", "above 0, at most 1"),
            new OptionView("way", "text", "fast", "one of fast, slow")),
        plugin.options());
  }

  @Test
  void writesAPageWithEveryOptionAndALinkToThePaper() {
    String page = MethodsPage.markdown(plugins);
    assertTrue(page.contains("## codec\n"), page);
    assertTrue(page.contains("[arXiv:1704.05021](https://arxiv.org/abs/1704.05021)"), page);
    assertTrue(page.contains("| `share` | number | `0.01` | above 0, at most 1 |"), page);
    assertTrue(page.contains("sends the largest \\| drops the rest"), "a bar ends a cell: " + page);
  }

  private Path jar(String name, boolean services, Map<String, String> files) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Bundle-SymbolicName", name);
    main.putValue("Bundle-Version", "0.3.0");
    if (services) {
      main.putValue("Service-Component", "OSGI-INF/*");
    }
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Map.Entry<String, String> entry : files.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }
}
