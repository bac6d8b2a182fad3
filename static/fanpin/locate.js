/* data-locate fills longitude, latitude and coordinate system from the browser's position; the rest of the form works without it. */
(function () {
  "use strict";
  const button = document.querySelector("[data-locate]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  const told = document.querySelector("[data-located]");
  const say = (text) => { if (told) told.textContent = text; };
  const put = (name, value) => {
    const field = button.form.elements[name];
    if (!field) return;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  button.addEventListener("click", () => {
    say("正在定位…");
    navigator.geolocation.getCurrentPosition(
      (position) => {
        put("longitude", position.coords.longitude.toFixed(6));
        put("latitude", position.coords.latitude.toFixed(6));
        put("coord_system", "wgs84");
        put("accuracy_m", String(Math.round(position.coords.accuracy)));
        say(`已取得当前位置，误差约${Math.round(position.coords.accuracy)}米`);
      },
      () => say("没有取得位置，请在室外允许定位后再试，或手工填写经纬度"),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 }
    );
  });
})();
