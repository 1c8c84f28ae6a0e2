export {
  CLIENT_AUTH,
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
export { DevCa, type DevCaOptions, type WorkloadAuthority } from './dev-ca';
export { issueCertificate, privateKeyPem, type IssuedCertificate } from './issue-certificate';
export { type LeafRotation, type LeafRotationOptions } from './leaf-rotation';
