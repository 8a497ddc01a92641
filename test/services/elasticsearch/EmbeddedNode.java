// One Elasticsearch node in this process, from the jars that are published for embedding; the full distribution is on no package registry.
// Arguments: its home folder (config/, modules/, plugins/), then settings as name=value. Tests only: entitlements and bootstrap checks belong to the
// distribution's launcher and are not in force here, and the server has no modules but its HTTP transport.
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

public class EmbeddedNode {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Settings.Builder given = Settings.builder().put("path.home", home);
    List<String> rest = Arrays.asList(args).subList(1, args.length);
    for (String setting : rest) {
      int end = setting.indexOf('=');
      given.put(setting.substring(0, end), setting.substring(end + 1));
    }
    Settings settings = given.build();
    LogConfigurator.configureWithoutConfig(settings);
    LogConfigurator.configureESLogging();
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> "tenfold");
    PluginsLoader loader =
        PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir(), false),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir(), false),
            Map.of(),
            false);
    Node node = new Node(environment, loader);
    node.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
