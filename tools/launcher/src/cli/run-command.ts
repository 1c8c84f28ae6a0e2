import { ConfigurationError } from '@sallyport/configuration';
import { LaunchError } from '../cluster/launch-error';

/**
 * Runs a command to its end and sets the exit code. A failure that a person can do something about
 * is one line on the error output; anything else is a defect and keeps its stack.
 */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (cause) {
    const isExpected = cause instanceof LaunchError || cause instanceof ConfigurationError;
    console.error(isExpected ? cause.message : cause);
    process.exitCode = 1;
  }
}
