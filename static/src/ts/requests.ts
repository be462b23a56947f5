// Requests that htmx does not make, with what the server wants to see in each.

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** The page alone, without its shell: a <title> and a <main>. */
export async function fragment(path: string, signal?: AbortSignal): Promise<Document | null> {
  const answer = await fetch(path, {
    headers: { "HX-Request": "true" },
    ...(signal && { signal }),
  });
  const redirect = answer.headers.get("HX-Redirect");
  if (redirect) {
    location.assign(redirect);
    return null;
  }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export function toLogin(): void {
  const here = location.pathname + location.search + location.hash;
  location.assign(`/ui/login?next=${encodeURIComponent(here)}`);
}
