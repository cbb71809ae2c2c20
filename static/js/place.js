// The place of a visit goes along when the person asks for it; browsers tell it over secure connections only.
for (const place of document.querySelectorAll("[data-place]")) {
  if (window.isSecureContext && navigator.geolocation) {
    offer(place);
  }
}

function offer(place) {
  const button = place.querySelector("[data-place-ask]");
  const state = place.querySelector("[data-place-state]");
  const field = (name) => place.querySelector(`[name=${name}]`);
  place.querySelector("[data-place-none]").hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    state.textContent = place.dataset.asking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field("longitude").value = coords.longitude.toFixed(6);
      field("latitude").value = coords.latitude.toFixed(6);
      field("accuracy_m").value = Math.round(coords.accuracy);
      state.textContent = place.dataset.found.replace("#", Math.round(coords.accuracy));
      place.dispatchEvent(new Event("place", { bubbles: true }));
    }, () => { state.textContent = place.dataset.denied; }, { enableHighAccuracy: true, timeout: 20_000 });
  });
}
