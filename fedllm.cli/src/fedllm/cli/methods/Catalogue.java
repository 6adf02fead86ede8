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
        read(file, "", loader).forEach(info -> plugins.add(info.view(List.of())));
      }
    }
    plugins.sort(Comparator.comparing(PluginView::kind).thenComparing(PluginView::name));
    return plugins;
  }

  /** What is said of the plugins of a kind. */
  public static List<PluginInfo> infos(List<Path> jars, String kind) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path file : jars) {
      urls.add(file.toUri().toURL());
    }
    List<PluginInfo> infos = new ArrayList<>();
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), Catalogue.class.getClassLoader())) {
      for (Path file : jars) {
        infos.addAll(read(file, kind, loader));
      }
    }
    return infos;
  }

  /** The classes of the plugins of a kind. */
  public static List<String> classes(List<Path> jars, String kind) throws IOException {
    List<String> classes = new ArrayList<>();
    for (Path file : jars) {
      try (JarFile jar = new JarFile(file.toFile())) {
        for (ZipEntry entry : components(jar)) {
          Element component = parse(jar, entry);
          if (!property(component, "plugin.name").isEmpty() && kindOf(component).equals(kind)) {
            classes.add(first(component, "implementation").getAttribute("class"));
          }
        }
      }
    }
    return classes;
  }

  /** Those of a kind; of an empty one all. */
  private static List<PluginInfo> read(Path file, String kind, ClassLoader loader)
      throws IOException {
    PluginJar bundle = PluginJar.read(file);
    if (bundle == null) {
      return List.of();
    }
    List<PluginInfo> plugins = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (ZipEntry entry : components(jar)) {
        Element component = parse(jar, entry);
        String name = property(component, "plugin.name");
        if (!name.isEmpty() && (kind.isEmpty() || kind.equals(kindOf(component)))) {
          plugins.add(plugin(component, name, bundle.version(), loader));
        }
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new Refused(file + " is not whole: " + e + "; say ./fedllm build", e);
    }
    return plugins;
  }

  private static String kindOf(Element component) {
    return Installed.kindOf(first(component, "provide").getAttribute("interface"));
  }

  private static List<? extends ZipEntry> components(JarFile jar) {
    return jar.stream()
        .filter(e -> e.getName().startsWith("OSGI-INF/") && e.getName().endsWith(".xml"))
        .toList();
  }

  private static PluginInfo plugin(
      Element component, String name, String version, ClassLoader loader)
      throws ReflectiveOperationException {
    List<Class<? extends Annotation>> options = new ArrayList<>();
    for (String type : property(component, "plugin.options").lines().map(String::strip).toList()) {
      if (!type.isEmpty()) {
        options.add(Class.forName(type, false, loader).asSubclass(Annotation.class));
      }
    }
    return new PluginInfo(
        kindOf(component),
        name,
        version,
        property(component, "plugin.does"),
        property(component, "plugin.paper"),
        property(component, "plugin.is").lines().map(String::strip).toList(),
        property(component, "plugin.with").lines().map(String::strip).toList(),
        specs(options));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types
  private static List<OptionSpec> specs(List<Class<? extends Annotation>> options) {
    return OptionSpec.of(options.toArray(new Class[0]));
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
