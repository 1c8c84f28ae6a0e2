import { Module } from '@nestjs/common';
import { DocsController } from './docs.controller';
import { OpenApiDocument } from './openapi.document';

/** Serves the description of the API. */
@Module({ controllers: [DocsController], providers: [OpenApiDocument] })
export class DocsModule {}
