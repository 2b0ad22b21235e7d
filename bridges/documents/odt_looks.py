"""Styles and page of our OpenDocument texts."""

STYLES = """<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm"
 text:number-lines="false"/><style:text-properties style:font-name="Times New Roman"
 fo:font-family="'Times New Roman'" fo:font-size="11pt" fo:language="de" fo:country="DE"/>
</style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Heading_1" style:display-name="Heading 1" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="1"><style:paragraph-properties
 fo:keep-with-next="always"/><style:text-properties fo:font-size="16pt" fo:font-weight="bold"
 fo:color="{ink}"/>
</style:style>
<style:style style:name="Heading_2" style:display-name="Heading 2" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="2"><style:paragraph-properties
 fo:keep-with-next="always" fo:margin-top="5mm"/><style:text-properties fo:font-size="12pt"
 fo:font-weight="bold" fo:color="{ink}"/></style:style>
<style:style style:name="Antragstext" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties text:number-lines="true"/></style:style>
<style:style style:name="Antragsbeginn" style:family="paragraph"
 style:parent-style-name="Antragstext"><style:paragraph-properties text:number-lines="true"
 text:line-number="1"/></style:style>
<style:style style:name="Antrag" style:family="paragraph" style:parent-style-name="Heading_1"
 style:default-outline-level="1"><style:paragraph-properties fo:break-before="page"/></style:style>
<style:style style:name="Verzeichnis" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-bottom="1mm"><style:tab-stops><style:tab-stop
 style:position="160mm" style:type="right" style:leader-style="dotted" style:leader-text="."/>
</style:tab-stops></style:paragraph-properties></style:style>
<style:style style:name="Entwurf" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-left="5mm"/></style:style>
<style:style style:name="Entwurfskopf" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:keep-with-next="always"/></style:style>
<style:style style:name="Fett" style:family="text"><style:text-properties
 fo:font-weight="bold"/></style:style>
<style:style style:name="Schraeg" style:family="text"><style:text-properties
 fo:font-style="italic"/></style:style>
<style:style style:name="Vorsatz" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:keep-with-next="always"/><style:text-properties
 fo:font-style="italic"/></style:style>
<style:style style:name="Fuss" style:family="paragraph" style:parent-style-name="Standard">
<style:text-properties fo:font-size="8pt"/></style:style>
<style:style style:name="Zelle" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-bottom="0mm"/></style:style>
<style:style style:name="ZelleRechts" style:family="paragraph" style:parent-style-name="Zelle">
<style:paragraph-properties fo:text-align="end"/></style:style>
<style:style style:name="Kopf" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="KopfRechts" style:family="paragraph" style:parent-style-name="Kopf">
<style:paragraph-properties fo:text-align="end"/></style:style>
<style:style style:name="Briefkopf" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:border-bottom="1.2pt solid {colour}" fo:padding-bottom="1mm">
<style:tab-stops><style:tab-stop style:position="160mm" style:type="right"/></style:tab-stops>
</style:paragraph-properties><style:text-properties fo:font-weight="bold" fo:color="{ink}"/>
</style:style>
<style:style style:name="Absender" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-size="7.5pt" style:text-underline-style="solid"/></style:style>
<style:style style:name="Briefname" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-size="14pt" fo:font-weight="bold" fo:color="{ink}"/></style:style>
<style:style style:name="Betreff" style:family="paragraph" style:parent-style-name="Heading_1">
<style:paragraph-properties fo:margin-top="73.5mm"/></style:style>
<style:style style:name="Gruss" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-top="5mm" fo:margin-bottom="14mm"
 fo:keep-with-next="always"/></style:style>
<style:style style:name="Unterschrift" style:family="paragraph" style:parent-style-name="Fuss">
<style:paragraph-properties fo:margin-top="18mm" fo:margin-right="90mm"
 fo:border-top="0.5pt solid #000000" fo:padding-top="1mm"/></style:style>
<style:style style:name="Rahmen" style:family="graphic"><style:graphic-properties
 text:anchor-type="page" fo:padding="0mm" fo:border="none" style:wrap="run-through"
 style:vertical-pos="from-top" style:vertical-rel="page" style:horizontal-pos="from-left"
 style:horizontal-rel="page"/></style:style>
<style:style style:name="Bild" style:family="graphic"><style:graphic-properties
 text:anchor-type="as-char" fo:padding="0mm" fo:border="none"/></style:style>
<style:style style:name="Falzmarke" style:family="graphic"><style:graphic-properties
 draw:stroke="solid" svg:stroke-width="0.1mm" style:vertical-pos="from-top"
 style:vertical-rel="page" style:horizontal-pos="from-left" style:horizontal-rel="page"
 style:wrap="run-through"/></style:style>
<text:linenumbering-configuration {numbering}/>
</office:styles>"""
PAGE = """<office:automatic-styles><style:page-layout style:name="A4">
<style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin-top="25mm"
 fo:margin-bottom="15mm" fo:margin-left="25mm" fo:margin-right="25mm"/><style:footer-style>
<style:header-footer-properties fo:min-height="10mm"/></style:footer-style></style:page-layout>
</office:automatic-styles>"""
