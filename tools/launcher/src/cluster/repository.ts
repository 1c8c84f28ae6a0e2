import { resolve } from 'node:path';

/** The folder of the checkout: four levels above this file, whether compiled or not. */
export const REPOSITORY = resolve(__dirname, '../../../..');
