import { Controller } from '@nestjs/common';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { WireStatus } from '../errors/wire-status';

/** The pattern of a handler that only {@link assertGuarded} calls, never the network: it is no rpc path. */
export const GUARD_PROBE = 'sallyport:guard-probe';

const carrier = {};
const STOPPED = new WireStatus(0, 'guard_probe');

/** Whether a call is the probe; the CallerGuard then throws what this gives. */
export function guardProbe(candidate: object): WireStatus | undefined {
  return candidate === carrier ? STOPPED : undefined;
}

/** A handler like any other, behind whatever guards the application's handlers have. */
@Controller()
export class GuardProbeController {
  @MessagePattern(GUARD_PROBE, Transport.GRPC)
  reached(): void {
    // Reached only when no guard stands before the handlers.
  }
}

/**
 * Sends a probe through the application's guards, before the first real call could. Nest drops global
 * guards from a hybrid application's microservices unless told not to, without a word.
 *
 * @param probe runs the handler registered under {@link GUARD_PROBE} for a carrier
 * @throws Error when the probe is not stopped
 */
export async function assertGuarded(
  probe: ((carrier: object) => Promise<unknown>) | undefined,
): Promise<void> {
  if (!probe) throw new Error('ZeroTrustModule.forGrpc is not imported by the application');
  try {
    await probe(carrier);
  } catch (error) {
    if (error === STOPPED) return;
    throw error;
  }
  throw new Error('the guards are not in force: connect with { inheritAppConfig: true }');
}
