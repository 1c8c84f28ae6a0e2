/**
 * A certificate folder cannot be used. The message is one line that names the folder, what is wrong
 * and what to do about it.
 */
export class DevCaError extends Error {
  override readonly name = 'DevCaError';
  readonly code = 'dev_ca_folder_unusable';

  constructor(
    readonly folder: string,
    problem: string,
    { remedy = 'delete the folder and start again', ...options }: DevCaErrorOptions = {},
  ) {
    super(`certificate folder ${folder}: ${problem}; ${remedy}`, options);
  }
}

interface DevCaErrorOptions extends ErrorOptions {
  readonly remedy?: string;
}
