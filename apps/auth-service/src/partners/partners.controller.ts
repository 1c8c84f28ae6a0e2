import { Controller } from '@nestjs/common';
import { partnersV1 } from '@sallyport/contracts';
import { AllowCallers, ClientAddress, Public, RpcMethod } from '@sallyport/nest-zero-trust';
import { PartnerResolutionService } from './partner-resolution.service';
import { PartnerTokensService } from './partner-tokens.service';
import { parsePresentedCertificate } from './presented-certificate';

/** sallyport.partners.v1.PartnerService; the certificate is the credential, there is no principal yet. */
@Controller()
export class PartnersController {
  constructor(
    private readonly resolution: PartnerResolutionService,
    private readonly tokens: PartnerTokensService,
  ) {}

  @RpcMethod(partnersV1.PartnerServiceDefinition, 'resolvePartner')
  @AllowCallers('gateway')
  @Public()
  async resolve(
    { certificate: presented, mayBeUnknown }: partnersV1.ResolvePartnerRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<partnersV1.ResolvePartnerResponse> {
    const certificate = parsePresentedCertificate(presented);
    const partner = await this.resolution.resolve({ certificate, clientAddress, mayBeUnknown });
    return {
      partnerId: partner.id,
      scopes: [...partner.scopes],
      requestsPerMinute: partner.requestsPerMinute ?? 0,
    };
  }

  @RpcMethod(partnersV1.PartnerServiceDefinition, 'issuePartnerToken')
  @AllowCallers('gateway')
  @Public()
  issueToken(
    { certificate: presented, scope }: partnersV1.IssuePartnerTokenRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<partnersV1.IssuePartnerTokenResponse> {
    const certificate = parsePresentedCertificate(presented);
    return this.tokens.issue({ certificate, clientAddress }, scope);
  }
}
