import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import { FORM_MEDIA_TYPE } from './media-type';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a form, and nothing else. */
    readonly acceptsForm?: boolean;
  }
}

/** Makes a route take `application/x-www-form-urlencoded` instead of JSON, as OAuth has it (RFC 6749 appendix B). */
export function AcceptsForm(): MethodDecorator {
  return applyDecorators(RouteConfig({ acceptsForm: true }), ApiConsumes(FORM_MEDIA_TYPE));
}
