import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  RequirePrincipal,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { OwnSessionsService } from './own-sessions.service';

/** The part of sallyport.auth.v1.AuthService in which somebody signed in looks after their own sessions. */
@Controller()
export class OwnSessionsController {
  constructor(private readonly sessions: OwnSessionsService) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'listSessions')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async list(
    _request: authV1.ListSessionsRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<authV1.ListSessionsResponse> {
    const sessions = await this.sessions.list(principal);
    return {
      sessions: sessions.map((session) => ({
        id: session.id,
        createdAt: session.createdAt,
        lastUsedAt: session.lastUsedAt,
        expiresAt: session.expiresAt,
        clientAddress: session.clientAddress ?? '',
        userAgent: session.userAgent ?? '',
        isCurrent: session.id === principal.sessionId,
      })),
    };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'endSession')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async endOne(
    { sessionId }: authV1.EndSessionRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.EndSessionResponse> {
    await this.sessions.endOne(principal, sessionId, clientAddress);
    return {};
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'endOtherSessions')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async endOthers(
    _request: authV1.EndOtherSessionsRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.EndOtherSessionsResponse> {
    return { endedSessions: await this.sessions.endOthers(principal, clientAddress) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'endAllSessions')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async endAll(
    _request: authV1.EndAllSessionsRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.EndAllSessionsResponse> {
    return { endedSessions: await this.sessions.endAll(principal, clientAddress) };
  }
}
