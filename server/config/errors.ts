/** The configuration is not valid. The member does not start. */
export class ConfigurationError extends Error {
  readonly code = "CONFIGURATION";
  /** What the process exits with, as etcd's: 2 for a flag that does not exist, else 1. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "ConfigurationError";
    this.exitCode = exitCode;
  }
}
