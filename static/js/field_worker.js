// The service worker of the visit page: keeps that page and its files, answers for them and for nothing else.
// `self.field` is set by the view: version, page, files.
const { version, page, files } = self.field;
const PREFIX = "gridops-field-";
const CACHE = PREFIX + version;
const KEPT = new Set(files);

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

/** All or nothing: whoever is signed out or has a newer page meanwhile keeps the old one until next time. */
async function keep() {
  const shell = await fetch(page, { cache: "no-store", redirect: "manual" });
  if (!shell.ok || shell.headers.get("X-Field-Version") !== version) {
    throw new Error("the page can't be had now");
  }
  const cache = await caches.open(CACHE);
  await cache.addAll(files);
  await cache.put(page, shell);
  await self.skipWaiting();
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const ours = request.mode === "navigate" ? pathname === page : KEPT.has(pathname);
  if (request.method === "GET" && origin === self.location.origin && ours) {
    event.respondWith(answer(request, pathname));
  }
});

async function answer(request, pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname, { ignoreVary: true })) ?? fetch(request);
}
