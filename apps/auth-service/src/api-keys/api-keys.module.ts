import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { AccountsModule } from '../accounts/accounts.module';
import { LOGGER } from '../app.tokens';
import { RevocationsModule } from '../revocations/revocations.module';
import { ApiKeyControlService } from './api-key-control.service';
import { ApiKeyIssuanceService } from './api-key-issuance.service';
import { ApiKeyPruning } from './api-key-pruning';
import { ApiKeyResolutionService } from './api-key-resolution.service';
import { ApiKeysRepository } from './api-keys.repository';
import { EndedApiKeysRepository } from './ended-api-keys.repository';
import { ExposedApiKeysService } from './exposed-api-keys.service';
import { OwnApiKeysController } from './own-api-keys.controller';
import { OwnApiKeysService } from './own-api-keys.service';
import { PresentedApiKeysController } from './presented-api-keys.controller';
import { PresentedApiKeysRepository } from './presented-api-keys.repository';

@Module({
  imports: [AccountsModule, RevocationsModule],
  controllers: [OwnApiKeysController, PresentedApiKeysController],
  providers: [
    ApiKeyIssuanceService,
    OwnApiKeysService,
    ApiKeyResolutionService,
    ExposedApiKeysService,
    ApiKeyControlService,
    ...repeated(ApiKeyPruning, LOGGER),
    ApiKeysRepository,
    PresentedApiKeysRepository,
    EndedApiKeysRepository,
  ],
  exports: [ApiKeyControlService],
})
export class ApiKeysModule {}
