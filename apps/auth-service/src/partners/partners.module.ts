import { Module } from '@nestjs/common';
import { RevocationsModule } from '../revocations/revocations.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { PartnerCertificatesService } from './partner-certificates.service';
import { PartnerChanges } from './partner-changes';
import { PartnerCredentialsRepository } from './partner-credentials.repository';
import { PartnerRegistryService } from './partner-registry.service';
import { PartnerResolutionService } from './partner-resolution.service';
import { PartnerSeeding } from './partner-seeding';
import { PartnerTokensService } from './partner-tokens.service';
import { PartnersController } from './partners.controller';
import { PartnersRepository } from './partners.repository';

@Module({
  imports: [SigningKeysModule, RevocationsModule],
  controllers: [PartnersController],
  providers: [
    PartnerResolutionService,
    PartnerTokensService,
    PartnerRegistryService,
    PartnerCertificatesService,
    PartnerSeeding,
    PartnerChanges,
    PartnersRepository,
    PartnerCredentialsRepository,
  ],
  exports: [
    PartnerRegistryService,
    PartnerCertificatesService,
    PartnersRepository,
    PartnerCredentialsRepository,
  ],
})
export class PartnersModule {}
