package fedllm.cli.methods;

import fedllm.api.error.Refused;
import fedllm.api.run.PluginView;
import fedllm.cli.node.PluginJar;
import fedllm.runtime.plugin.Installed;
import fedllm.runtime.plugin.OptionSpec;
import fedllm.runtime.plugin.PluginInfo;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Reads what plugins say of themselves: component descriptions, and the annotations of options. */
public final class Catalogue {

  private Catalogue() {}

  /**
   * The plugins of some jars, by kind and name.
   *
   * @param jars of plugins
   * @param libraries of contracts that plugins name, such as the learning plane's
   */
  public static List<PluginView> of(List<Path> jars, List<Path> libraries) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path file : jars) {
      urls.add(file.toUri().toURL());
    }
    for (Path file : libraries) {
      urls.add(file.toUri().toURL());
    }
    List<PluginView> plugins = new ArrayList<>();
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), Catalogue.class.getClassLoader())) {
      for (Path file : jars) {
        plugins.addAll(read(file, loader));
      }
    }
    plugins.sort(Comparator.comparing(PluginView::kind).thenComparing(PluginView::name));
    return plugins;
  }

  private static List<PluginView> read(Path file, ClassLoader loader) throws IOException {
    PluginJar bundle = PluginJar.read(file);
    if (bundle == null) {
      return List.of();
    }
    List<PluginView> plugins = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (ZipEntry entry : components(jar)) {
        Element component = parse(jar, entry);
        String name = property(component, "plugin.name");
        if (!name.isEmpty()) {
          plugins.add(plugin(component, name, bundle.version(), loader));
        }
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new Refused(file + " is not whole: " + e + "; say ./fedllm build", e);
    }
    return plugins;
  }

  private static List<? extends ZipEntry> components(JarFile jar) {
    return jar.stream()
        .filter(e -> e.getName().startsWith("OSGI-INF/") && e.getName().endsWith(".xml"))
        .toList();
  }

  private static PluginView plugin(
      Element component, String name, String version, ClassLoader loader)
      throws ReflectiveOperationException {
    String contract = first(component, "provide").getAttribute("interface");
    String options = property(component, "plugin.options");
    List<OptionSpec> specs =
        options.isEmpty()
            ? List.of()
            : OptionSpec.of(Class.forName(options, false, loader).asSubclass(Annotation.class));
    return new PluginInfo(
            Installed.kindOf(contract),
            name,
            version,
            property(component, "plugin.does"),
            property(component, "plugin.paper"),
            property(component, "plugin.is").lines().map(String::strip).toList(),
            specs)
        .view(List.of());
  }

  /** A single value stands in an attribute, several a line each in the element. */
  private static String property(Element component, String name) {
    NodeList properties = component.getElementsByTagName("property");
    for (int i = 0; i < properties.getLength(); i++) {
      Element property = (Element) properties.item(i);
      if (property.getAttribute("name").equals(name)) {
        return property.hasAttribute("value")
            ? property.getAttribute("value")
            : property.getTextContent().strip();
      }
    }
    return "";
  }

  private static Element first(Element component, String tag) {
    return (Element) component.getElementsByTagName(tag).item(0);
  }

  private static Element parse(JarFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Document document = factory.newDocumentBuilder().parse(in);
      return document.getDocumentElement();
    } catch (SAXException | ParserConfigurationException e) {
      throw new Refused(jar.getName() + ": " + entry.getName() + " is no XML", e);
    }
  }
}
