<case id="control-octet-in-the-value" dialect="upgrade" checks="REQ-08" needs="websocket">
    <each name="offer">
      <row id="cr">web\rsocket</row>
      <row id="lf">web\nsocket</row>
      <row id="crlf-and-a-field">websocket\r\nx-note: 1</row>
      <row id="nul">web\0socket</row>
      <row id="nul-last">websocket\0</row>
      <row id="cr-as-space">websocket,\runheard-of</row>
      <row id="lf-as-space">websocket,\nunheard-of</row>
      <row id="cr-last">websocket\r</row>
      <row id="lf-last">websocket\n</row>
      <row id="vertical-tab-as-space">websocket;\x0bx-note</row>
      <row id="form-feed-as-space">websocket;\x0cx-note</row>
      <row id="tab-inside">web\tsocket</row>
      <row id="soh">web\x01socket</row>
      <row id="escape">web\x1bsocket</row>
      <row id="del">web\x7fsocket</row>
      <row id="octet-80">web\x80socket</row>
      <row id="octet-ff">websocket\xff</row>
      <row id="no-break-space">websocket,\xc2\xa0unheard-of</row>
      <row id="utf-8">w\xc3\xa9bsocket</row>
    </each>
    <send><headers like="offer">
      :upgrade: ${offer}
    </headers><end/></send>
    <outcome>malformed</outcome>
    <alive/>
  </case>