package fedllm.runtime.node;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** What this process runs on. */
final class Machine {

  private Machine() {}

  /** Bytes of memory that the machine, or the container that we are in, has. */
  static long memoryBytes() {
    try {
      return (long)
          ManagementFactory.getPlatformMBeanServer()
              .getAttribute(
                  new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME),
                  "TotalMemorySize");
    } catch (JMException e) {
      throw new IllegalStateException("every JDK since 14 knows its memory", e);
    }
  }
}
