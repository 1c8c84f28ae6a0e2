import { ConfigurationError } from '@sallyport/configuration';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';

/** @throws ConfigurationError with one line that quotes nothing of the file. */
export function readKeyEncryption(path: string): FileKeyEncryption {
  const encryption = FileKeyEncryption.fromFile(path);
  if (encryption) return encryption;
  throw new ConfigurationError('KEY_ENCRYPTION_KEY_FILE', 'expected a file of 32 bytes in base64');
}
