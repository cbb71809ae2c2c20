// A JSON POST as every script here sends one.

/** The cookie is newer than the page after signing in again in another tab. */
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : JSON.parse(document.body.getAttribute("hx-headers"))["x-csrftoken"];
}

/** A redirect is not followed (it leads to the sign-in page). */
export function post(url, data, more = {}) {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(data),
    ...more,
  });
}
