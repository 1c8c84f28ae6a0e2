/**
 * One environment variable that does not hold what the process needs.
 *
 * `message` is a single line that names the variable and what it takes, fit to be printed as the only output before
 * exit code 1. It never contains the value of a secret field.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'configuration_invalid';

  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable}: ${problem}`);
  }
}
