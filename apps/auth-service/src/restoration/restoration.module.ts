import { Module } from '@nestjs/common';
import { PartnersModule } from '../partners/partners.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { RestorationService } from './restoration.service';

/** What is done at the command line once the database was restored. */
@Module({
  imports: [PartnersModule, SessionsModule, SigningKeysModule],
  providers: [RestorationService],
})
export class RestorationModule {}
