/**
 * The folder that holds a store's data cannot be used: another user's, damaged, of another kind, or in use.
 *
 * `message` is a single line that names the folder and what to do, fit to be printed as the only output.
 */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code = 'data_folder_unusable';

  constructor(
    readonly folder: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${folder}: ${problem}`, options);
  }
}
