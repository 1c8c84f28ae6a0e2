import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { RouteClass } from './rate-limit-policy';
import { routeClassOf } from './route-class';

/**
 * Tells the class of each handler, by its name in an access declaration: `OrdersController.create`.
 *
 * @throws TypeError for a name that is no handler's
 */
export function collectRouteClasses(app: INestApplicationContext): (handler: string) => RouteClass {
  const controllers = new Map<string, Type>();
  for (const module of app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype === 'function') controllers.set(metatype.name, metatype as Type);
    }
  }
  return (name) => {
    const [controllerName = '', property = ''] = name.split('.');
    const controller = controllers.get(controllerName);
    const handler: unknown = (controller?.prototype as Record<string, unknown>)[property];
    if (controller === undefined || typeof handler !== 'function') {
      throw new TypeError(`there is no handler ${name}`);
    }
    return routeClassOf(controller, handler);
  };
}
