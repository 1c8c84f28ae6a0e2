import { Module } from '@nestjs/common';
import { RevocationsRepository } from './revocations.repository';
import { RevocationsService } from './revocations.service';

@Module({
  providers: [RevocationsService, RevocationsRepository],
  exports: [RevocationsService, RevocationsRepository],
})
export class RevocationsModule {}
