import { SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** A listener of the gateway: everybody's, or the one that demands a partner's certificate. */
export type ListenerName = 'partner' | 'public';

const SERVED_ON = 'sallyport:served-on';

/** The listeners a controller or handler is served on; without it, on the public one alone. */
export function ServedOn(
  listener: ListenerName,
  ...more: readonly ListenerName[]
): CustomDecorator {
  return SetMetadata(SERVED_ON, [listener, ...more]);
}

/** Whether the handler about to run is served on a listener. */
export function isServedOn(
  listener: ListenerName,
  reflector: Reflector,
  context: ExecutionContext,
): boolean {
  const targets = [context.getHandler(), context.getClass()];
  const served = reflector.getAllAndOverride<readonly ListenerName[] | undefined>(
    SERVED_ON,
    targets,
  );
  return (served ?? ['public']).includes(listener);
}
