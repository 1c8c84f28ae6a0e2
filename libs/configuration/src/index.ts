export { ConfigurationError } from './configuration-error';
export { field, type Field, type FieldOptions } from './field';
export { fields } from './fields';
export type { Environment } from './own-variable';
export { requireRedisTls } from './redis-trust';
export { readConfiguration } from './read-configuration';
export type { ListenAddress } from './address-fields';
export type { LogLevel } from './text-fields';
export type { Range } from './number-fields';
