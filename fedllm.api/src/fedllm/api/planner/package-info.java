/** The contract of planning: who takes part in a round, and with what. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.planner;
