import { dictionary } from '@zxcvbn-ts/language-common';
import { coreOf } from './core';

/**
 * The 49,233 most used passwords of known breaches, without their case and punctuation: the list that zxcvbn ships. Read once,
 * when this module is loaded. The package keeps the texts, about 3 MB; the set shares them and adds about 2 MB.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].map(coreOf),
);
