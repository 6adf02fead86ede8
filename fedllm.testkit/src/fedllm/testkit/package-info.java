/**
 * The contract of every extension point, as interfaces that a plugin's JUnit 5 test implements: it
 * says which plugin and options, and inherits the tests.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.testkit;
