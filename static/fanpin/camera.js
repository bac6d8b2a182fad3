/* data-shrink makes chosen photos smaller before they are sent; data-sign lets somebody sign on the screen.
   Without this file the form takes photos as they are, and a photo of the signature. */
(function () {
  "use strict";
  const LONGEST = 1600;
  const put = (input, files) => {
    const box = new DataTransfer();
    files.forEach((file) => box.items.add(file));
    input.files = box.files;
  };
  const asFile = (canvas, name, type) => new Promise((done) => {
    canvas.toBlob((blob) => done(blob ? new File([blob], name, { type }) : null), type, 0.82);
  });

  async function shrunk(file) {
    if (!file.type.startsWith("image/")) return file;
    let picture;
    try { picture = await createImageBitmap(file); } catch (error) { return file; }
    const factor = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    if (factor === 1 && file.size < 600 * 1024 && file.type === "image/jpeg") return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * factor);
    canvas.height = Math.round(picture.height * factor);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const smaller = await asFile(canvas, file.name.replace(/\.\w+$/, "") + ".jpg", "image/jpeg");
    return smaller && (factor < 1 || smaller.size < file.size || file.type !== "image/jpeg") ? smaller : file;
  }
  document.querySelectorAll("input[data-shrink]").forEach((input) => {
    const told = document.createElement("p");
    told.className = "fp-help";
    told.setAttribute("role", "status");
    input.after(told);
    input.addEventListener("change", async () => {
      const chosen = Array.from(input.files);
      if (!chosen.length) { told.textContent = ""; return; }
      told.textContent = "正在缩小照片…";
      const ready = await Promise.all(chosen.map(shrunk));
      put(input, ready);
      const size = ready.reduce((sum, file) => sum + file.size, 0) / 1024;
      told.textContent = `已选${ready.length}张，共${Math.round(size)} KB`;
    });
  });

  document.querySelectorAll("input[data-sign]").forEach((input) => {
    const canvas = document.createElement("canvas");
    canvas.className = "fp-sign";
    canvas.width = 640;
    canvas.height = 240;
    canvas.setAttribute("aria-label", "签名框");
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn fp-btn btn-plain";
    again.textContent = "重签";
    input.before(canvas);
    input.before(again);
    const pen = canvas.getContext("2d");
    const blank = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); pen.strokeStyle = "#14273f"; pen.lineWidth = 4; pen.lineCap = "round"; };
    blank();
    let down = false;
    let signed = false;
    const at = (event) => {
      const frame = canvas.getBoundingClientRect();
      return [(event.clientX - frame.left) * canvas.width / frame.width, (event.clientY - frame.top) * canvas.height / frame.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      down = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!down) return;
      pen.lineTo(...at(event));
      pen.stroke();
      signed = true;
    });
    canvas.addEventListener("pointerup", async () => {
      down = false;
      if (!signed) return;
      const file = await asFile(canvas, "签名.png", "image/png");
      if (file) put(input, [file]);
    });
    again.addEventListener("click", () => { blank(); signed = false; put(input, []); });
  });
})();
