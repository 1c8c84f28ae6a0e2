const TAKES_CLIENT_CERTIFICATE = 'sallyport:takes-client-certificate';

/**
 * The handler is told which certificate the gateway's client has presented, in `Client-Cert` (RFC 9440). It is believed of
 * the gateway alone; a call that carries it to any other handler is refused. HTTP only.
 */
export function TakesClientCertificate(): MethodDecorator {
  return (_target, _property, { value: handler }: PropertyDescriptor) => {
    if (typeof handler !== 'function') throw new TypeError('access is declared on a method');
    Reflect.defineMetadata(TAKES_CLIENT_CERTIFICATE, true, handler as object);
  };
}

export function takesClientCertificate(handler: object): boolean {
  return Reflect.getMetadata(TAKES_CLIENT_CERTIFICATE, handler) === true;
}
