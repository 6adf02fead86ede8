/** Random numbers that depend on what they are for, never on when or where they are drawn. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.random;
