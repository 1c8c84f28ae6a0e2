import { ConfigurationError } from '@sallyport/configuration';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { SealBroken } from '../signing-keys/key-encryption';

/** @throws ConfigurationError with one line that quotes nothing of the file. */
export function readKeyEncryption(path: string): FileKeyEncryption {
  try {
    return FileKeyEncryption.fromFile(path);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new ConfigurationError(
      'KEY_ENCRYPTION_KEY_FILE',
      'expected one or more lines of 32 bytes in base64, each once',
    );
  }
}
