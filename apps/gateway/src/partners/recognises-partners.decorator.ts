import { SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

const RECOGNISES_PARTNERS = 'sallyport:recognises-partners';

/**
 * Beside `@Public()`: a partner is authenticated by its certificate all the same, so that its request is its own; whoever
 * is none goes on as nobody.
 */
export function RecognisesPartners(): CustomDecorator {
  return SetMetadata(RECOGNISES_PARTNERS, true);
}

/** Whether the handler about to run is for partners and for others alike. */
export function recognisesPartners(reflector: Reflector, context: ExecutionContext): boolean {
  return reflector.get<boolean | undefined>(RECOGNISES_PARTNERS, context.getHandler()) === true;
}
