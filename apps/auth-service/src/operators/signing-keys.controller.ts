import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import { AllowCallers, RequireScopes, RpcMethod } from '@sallyport/nest-zero-trust';
import type { SigningKeyRecord } from '../signing-keys/signing-key-record';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { KeyTaintingService } from './key-tainting.service';

const STATES = {
  prepared: authV1.SigningKeyState.SIGNING_KEY_STATE_PREPARED,
  active: authV1.SigningKeyState.SIGNING_KEY_STATE_ACTIVE,
  retired: authV1.SigningKeyState.SIGNING_KEY_STATE_RETIRED,
  tainted: authV1.SigningKeyState.SIGNING_KEY_STATE_TAINTED,
} as const satisfies Record<SigningKeyRecord['state'], authV1.SigningKeyState>;

/** The part of sallyport.auth.v1.OperatorService that acts on signing keys. */
@Controller()
export class SigningKeysController {
  constructor(
    private readonly keys: SigningKeysService,
    private readonly tainting: KeyTaintingService,
  ) {}

  @RpcMethod(authV1.OperatorServiceDefinition, 'listSigningKeys')
  @AllowCallers('gateway')
  @RequireScopes('keys:manage')
  async list(): Promise<authV1.ListSigningKeysResponse> {
    return { keys: (await this.keys.list()).map(toMessage) };
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'prepareSigningKey')
  @AllowCallers('gateway')
  @RequireScopes('keys:manage')
  async prepare(): Promise<authV1.PrepareSigningKeyResponse> {
    return { key: toMessage(await this.keys.prepare()) };
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'activateSigningKey')
  @AllowCallers('gateway')
  @RequireScopes('keys:manage')
  async activate({
    immediately,
  }: authV1.ActivateSigningKeyRequest): Promise<authV1.ActivateSigningKeyResponse> {
    return { key: toMessage(await this.keys.activate({ immediately })) };
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'retireSigningKey')
  @AllowCallers('gateway')
  @RequireScopes('keys:manage')
  async retire({ kid }: authV1.RetireSigningKeyRequest): Promise<authV1.RetireSigningKeyResponse> {
    return { key: toMessage(await this.keys.retire(kid)) };
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'taintSigningKey')
  @AllowCallers('gateway')
  @RequireScopes('keys:manage')
  async taint({ kid }: authV1.TaintSigningKeyRequest): Promise<authV1.TaintSigningKeyResponse> {
    const { tainted, active, endedSessions } = await this.tainting.taint(kid);
    return { key: toMessage(tainted), activeKey: toMessage(active), endedSessions };
  }
}

function toMessage(record: SigningKeyRecord): authV1.SigningKey {
  const { kid, state, createdAt, activatedAt, retiredAt, verifiesUntil, taintedAt } = record;
  return {
    kid,
    state: STATES[state],
    createdAt,
    activatedAt,
    retiredAt,
    verifiesUntil,
    taintedAt,
  };
}
