-- Puts a list of links to the sections at the start of a document: Word fills a table of
-- contents of its own only when the reader asks for it.
function Pandoc(doc)
  local items = {}
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.level == 2 and block.identifier ~= "" then
      local link = pandoc.Link(block.content, "#" .. block.identifier)
      table.insert(items, { pandoc.Plain({ link }) })
    end
  end
  if #items > 1 then
    local at = 1
    -- after the notice on invented patients, the only paragraph before the first heading
    while doc.blocks[at] and doc.blocks[at].t == "Para" do at = at + 1 end
    table.insert(doc.blocks, at, pandoc.BulletList(items))
  end
  return doc
end
