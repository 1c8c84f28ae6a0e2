import { RequestMethod, SetMetadata, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants';
import { ROUTE_CLASSES, type RouteClass } from './rate-limit-policy';

const ROUTE_CLASS = 'sallyport:route-class';

/** Which quota the requests for a handler, or for all of a controller, are taken from. */
export function LimitAs(routeClass: RouteClass): ClassDecorator & MethodDecorator {
  return SetMetadata(ROUTE_CLASS, routeClass);
}

/**
 * The class of a handler: what it declares, else what its controller does, else `read` for GET, with which HEAD comes, and
 * `write` for any other method. There is none without.
 */
export function routeClassOf(controller: Type, handler: object): RouteClass {
  return declaredOn(handler) ?? declaredOn(controller) ?? byMethod(handler);
}

function declaredOn(target: object): RouteClass | undefined {
  const declared: unknown = Reflect.getMetadata(ROUTE_CLASS, target);
  return ROUTE_CLASSES.find((routeClass) => routeClass === declared);
}

function byMethod(handler: object): RouteClass {
  const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
  return method === RequestMethod.GET || method === RequestMethod.HEAD ? 'read' : 'write';
}
