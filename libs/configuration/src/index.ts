export { ConfigurationError } from './configuration-error';
export { field, type Field, type FieldOptions } from './field';
export { fields } from './fields';
export { identityOriginOf, identitySettings } from './identity-settings';
export { readConfiguration, type Environment } from './read-configuration';
export type { ListenAddress } from './address-fields';
export type { LogLevel } from './text-fields';
export type { Range } from './number-fields';
