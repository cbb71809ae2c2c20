/** The file as a JPEG of at most `side` pixels, and its picture; what this browser can't read is left to the server. */
export async function smaller(file, side) {
  const preview = document.createElement("canvas");
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    preview.width = Math.max(1, Math.round(picture.width * scale));
    preview.height = Math.max(1, Math.round(picture.height * scale));
    const context = preview.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, preview.width, preview.height);
    context.drawImage(picture, 0, 0, preview.width, preview.height);
    picture.close();
    const blob = await new Promise((done) => preview.toBlob(done, "image/jpeg", 0.85));
    const name = file.name.replace(/\.\w+$/, "") + ".jpg";
    return { file: new File([blob], name, { type: "image/jpeg" }), preview };
  } catch {
    return { file, preview };
  }
}
