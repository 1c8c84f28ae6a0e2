import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants';
import { accessOf, type HandlerAccess } from './access-declaration';
import { GuardProbeController } from '../guards/guard-probe';
import { rpcPathOf } from './rpc-method.decorator';

/** A controller method that calls can reach. */
export interface DeclaredHandler {
  /** `OrdersController.create` */
  readonly name: string;
  readonly transport: 'grpc' | 'http';
  /** `package.Service/Method`, or `POST /orders` once per route. */
  readonly targets: readonly string[];
  readonly access: HandlerAccess;
  /** False for a message handler that no generated definition knows. */
  readonly isTyped: boolean;
}

type Controller = new (...dependencies: never[]) => object;

/** Every handler of every controller the application has, in no particular order. */
export function declaredHandlers(modules: ModulesContainer): readonly DeclaredHandler[] {
  const controllers = new Set<Controller>();
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) {
      if (isClass(metatype) && metatype !== GuardProbeController) controllers.add(metatype);
    }
  }
  return [...controllers].flatMap(handlersOf);
}

/** The targets of one HTTP handler, e.g. `GET /orders/:id`; empty when it is none. */
export function httpTargetsOf(controller: object, handler: object): readonly string[] {
  const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
  if (typeof method !== 'number') return [];
  const verb = RequestMethod[method] ?? String(method);
  return pathsOf(controller).flatMap((prefix) =>
    pathsOf(handler).map((path) => `${verb} ${joinPath(prefix, path)}`),
  );
}

function handlersOf(controller: Controller): readonly DeclaredHandler[] {
  const prototype = controller.prototype as Record<string, unknown>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((property) => {
    const handler = prototype[property];
    if (typeof handler !== 'function') return [];
    const common = { name: `${controller.name}.${property}`, access: accessOf(handler) };
    return [...grpcHandler(common, handler), ...httpHandler(common, controller, handler)];
  });
}

type Common = Pick<DeclaredHandler, 'name' | 'access'>;

function grpcHandler(common: Common, handler: object): readonly DeclaredHandler[] {
  const path = rpcPathOf(handler);
  const pattern: unknown = Reflect.getMetadata(PATTERN_METADATA, handler);
  if (path === undefined && pattern === undefined) return [];
  const target = path?.slice(1) ?? JSON.stringify(pattern);
  return [{ ...common, transport: 'grpc', targets: [target], isTyped: path !== undefined }];
}

function httpHandler(
  common: Common,
  controller: object,
  handler: object,
): readonly DeclaredHandler[] {
  const targets = httpTargetsOf(controller, handler);
  return targets.length === 0 ? [] : [{ ...common, transport: 'http', targets, isTyped: true }];
}

function pathsOf(decorated: object): readonly string[] {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, decorated);
  const paths: readonly unknown[] = Array.isArray(path) ? path : [path];
  return paths.filter((each) => typeof each === 'string');
}

function joinPath(...parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}

function isClass(metatype: unknown): metatype is Controller {
  return typeof metatype === 'function';
}
