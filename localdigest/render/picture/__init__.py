"""Pictures of a digest: words ─legible─▶ Content ─arrange─▶ Layout ─svg─▶ text ─raster─▶ PNG.

Importing `draw` loads Pillow and resvg: only who draws does.
"""
