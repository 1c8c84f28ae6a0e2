import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { AccessDeclaration } from '@sallyport/nest-zero-trust';
import { cleanupOpenApiDoc } from 'nestjs-zod';
import { FORM_MEDIA_TYPE } from '../listener/media-type';
import type { ProblemCode } from '../problems/problem-catalogue';
import { collectRouteClasses } from '../rate-limits/collect-route-classes';
import { PROBLEM_SCHEMA, problemResponse } from './problem.schema';
import { describeRateLimit } from './rate-limit.description';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const ACCESS_TOKEN = 'accessToken';
const API_KEY = 'apiKey';

/** Builds the OpenAPI document of the application: what handlers describe, and what their access declarations imply. */
export function buildOpenApi(
  app: INestApplication,
  declarations: readonly AccessDeclaration[],
  publicUrl: string,
): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sallyport')
    .setDescription(
      'The public face of a zero-trust system. Sign in with `POST /auth/login`, then send the access token as `Authorization: Bearer`; or make an API key with `POST /api-keys` and send it as `X-API-Key`. An access token that is bound to a key comes as `Authorization: DPoP` with a proof in `DPoP` (RFC 9449).',
    )
    .setVersion('1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(publicUrl)
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'at+jwt (RFC 9068)' },
      ACCESS_TOKEN,
    )
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, API_KEY)
    .build();
  const document = cleanupOpenApiDoc(
    SwaggerModule.createDocument(app, base, {
      operationIdFactory: (controller, method) =>
        `${controller.replace(/Controller$/, '')}.${method}`,
    }),
  );
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
  };
  const routeClassOf = collectRouteClasses(app);
  for (const declaration of declarations) {
    const operation = operationOf(document, declaration);
    if (operation === undefined) continue;
    addImplied(operation, declaration);
    describeRateLimit(operation, routeClassOf(declaration.handler));
  }
  return document;
}

/** Undefined for what is not part of the described API, e.g. the documentation itself. */
function operationOf(
  { paths }: OpenAPIObject,
  { target }: AccessDeclaration,
): Operation | undefined {
  const [method = '', route = ''] = target.split(' ');
  const path = paths[route.replace(/:(\w+)/g, '{$1}')];
  return new Map(Object.entries(path ?? {})).get(method.toLowerCase()) as Operation | undefined;
}

function addImplied(
  operation: Operation,
  { identity, authentication }: Pick<AccessDeclaration, 'identity' | 'authentication'>,
): void {
  for (const parameter of operation.parameters ?? []) showExample(parameter);
  const [kind, ...scopes] = identity.split(' ');
  if (kind !== 'public') {
    // One of them suffices, and one is all a request may present.
    operation.security = [
      { [ACCESS_TOKEN]: [] },
      ...(takesApiKey(kind) ? [{ [API_KEY]: [] }] : []),
    ];
  }
  if (scopes.length > 0) {
    const needed = `Needs scope ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
    operation.description = [operation.description, needed].filter(Boolean).join('\n\n');
  }
  if (authentication !== undefined) {
    const needed = `The user has to have authenticated as \`${authentication}\` (RFC 9470); \`POST /auth/step-up\` does that.`;
    operation.description = [operation.description, needed].filter(Boolean).join('\n\n');
  }
  const access = { kind, scopes, takesRecent: authentication !== undefined };
  for (const [status, codes] of Object.entries(impliedProblems(operation, access))) {
    const own = operation.responses[status];
    const described = own && 'description' in own && own.description ? [own.description] : [];
    const { description, content } = problemResponse(codes);
    operation.responses[status] = {
      description: [...described, description].join(', '),
      content,
    };
  }
}

/** `@ApiHeader` leaves the example of a header in its schema, where tools that send a request do not look. */
function showExample(parameter: Parameter): void {
  if (!('schema' in parameter) || !('example' in parameter.schema)) return;
  const example: unknown = parameter.schema.example;
  parameter.example = example;
}

/** What any operation of this form and kind of access can answer. */
function impliedProblems(
  { requestBody, parameters = [] }: Operation,
  {
    kind,
    scopes,
    takesRecent,
  }: {
    readonly kind: string | undefined;
    readonly scopes: readonly string[];
    /** A recent authentication, of a user. */
    readonly takesRecent: boolean;
  },
): Readonly<Record<string, readonly ProblemCode[]>> {
  const isForm = takesForm(requestBody);
  const hasJson = requestBody !== undefined && !isForm;
  const hasInput = hasJson || parameters.some(isQueryParameter);
  return {
    400: [
      ...when(hasInput, 'validation_failed'),
      ...when(hasJson, 'body_malformed'),
      ...when(isForm, 'invalid_request'),
      'credential_in_url',
      'credential_misplaced',
      'identity_header_spoofed',
      'multiple_credentials',
      'path_not_normalised',
    ],
    ...(kind !== 'public' && {
      401: [
        'credential_missing',
        ...when(takesApiKey(kind), 'invalid_api_key'),
        'invalid_token',
        ...when(takesRecent, 'insufficient_user_authentication'),
      ],
    }),
    ...((kind === 'session' || scopes.length > 0 || takesRecent) && {
      403: [
        ...when(scopes.length > 0, 'insufficient_scope'),
        ...when(kind === 'session', 'session_required'),
        ...when(takesRecent && kind !== 'session', 'user_not_present'),
      ],
    }),
    ...(requestBody !== undefined && { 413: ['body_too_large'] }),
    ...(hasJson && { 415: ['media_type_unsupported'] }),
    429: ['rate_limited'],
    503: [
      ...when(kind !== 'public', 'authentication_unavailable'),
      'server_busy',
      'service_unavailable',
    ],
  };
}

/** An API key is no session, and is presented to no purpose where nobody is asked for. */
function takesApiKey(kind: string | undefined): boolean {
  return kind === 'principal' || kind === 'scopes';
}

function when(condition: boolean, code: ProblemCode): readonly ProblemCode[] {
  return condition ? [code] : [];
}

function takesForm(requestBody: Operation['requestBody']): boolean {
  return (
    requestBody !== undefined && 'content' in requestBody && FORM_MEDIA_TYPE in requestBody.content
  );
}

function isQueryParameter(parameter: object): boolean {
  return 'in' in parameter && parameter.in === 'query';
}
