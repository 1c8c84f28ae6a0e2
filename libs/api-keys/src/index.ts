export {
  API_KEY_ID_PATTERN,
  API_KEY_IN_TEXT,
  API_KEY_LENGTH,
  API_KEY_PATTERN,
} from './api-key-form';
export { mintApiKey, mintSecret, type MintedApiKey } from './mint-api-key';
export { parseApiKey, type PresentedApiKey } from './parse-api-key';
export { hashSecret, keyIdOfRevocation, rotationNoticeId, secretRevocationId } from './secret-hash';
