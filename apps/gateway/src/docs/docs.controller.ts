import { Controller, Get, Header, Param, Redirect, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply } from 'fastify';
import { problem } from '../problems/problem';
import { OpenApiDocument } from './openapi.document';
import { DOCS_CONTENT_SECURITY_POLICY, loadDocsAssets, type DocsAsset } from './swagger-ui.assets';

const CACHE = 'public, max-age=3600';

/** The API described for people and for tools, served from here alone. */
@Controller()
@ApiExcludeController()
export class DocsController {
  readonly #assets = loadDocsAssets();

  constructor(private readonly document: OpenApiDocument) {}

  @Get()
  @Redirect('/docs')
  @Public()
  root(): void {
    // The redirect is the whole answer.
  }

  @Get('docs')
  @Header('content-security-policy', DOCS_CONTENT_SECURITY_POLICY)
  @Header('cache-control', CACHE)
  @Public()
  page(@Res() reply: FastifyReply): FastifyReply {
    return send(reply, this.#assets.page);
  }

  @Get('docs/:file')
  @Header('cache-control', CACHE)
  @Public()
  file(@Param('file') name: string, @Res() reply: FastifyReply): FastifyReply {
    const asset = this.#assets.files.get(name);
    if (asset === undefined) throw problem('not_found');
    return send(reply, asset);
  }

  @Get('openapi.json')
  @Header('cache-control', CACHE)
  @Public()
  openapi(@Res() reply: FastifyReply): FastifyReply {
    return send(reply, { contentType: 'application/json', content: this.document.json });
  }
}

function send(reply: FastifyReply, { contentType, content }: DocsAsset): FastifyReply {
  return reply.header('content-type', contentType).send(content);
}
