export {
  CLIENT_AUTH,
  partnerProfile,
  partnerRootProfile,
  SERVER_AUTH,
  validFor,
  workloadAuthorityProfile,
  workloadProfile,
  type AlternativeName,
  type CertificateProfile,
  type EncodedExtension,
  type KeyUsageName,
  type Validity,
} from './certificate-profile';
export { DevCaError } from './dev-ca.error';
export { DevCa, LOCAL_PARTNER, type DevCaOptions, type WorkloadAuthority } from './dev-ca';
export { issueCertificate, privateKeyPem, type IssuedCertificate } from './issue-certificate';
export {
  issueRevocationList,
  type RevocationListProfile,
  type RevokedSerial,
} from './issue-revocation-list';
export { type LeafRotation, type LeafRotationOptions } from './leaf-rotation';
export type { IssuedPartner } from './partner-certificate';
